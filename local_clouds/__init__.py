"""Stand-ins for the AWS and GCP providers, for a machine that has no cloud account."""
