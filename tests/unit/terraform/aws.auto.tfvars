token = "canary-token-0123456789"
most  = 4
