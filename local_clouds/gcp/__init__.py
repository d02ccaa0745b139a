"""The local `gcp` provider and the server it talks to."""
