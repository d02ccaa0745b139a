"""Executors on AWS and GCP, from one configuration."""
