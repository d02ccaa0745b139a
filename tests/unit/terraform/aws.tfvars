# Variables of the AWS root module, as in a single private executor.
availability_zone  = "us-west-2a"
private_networking = true

executor_instance_tag                        = "codeintel-prod"
executor_sourcegraph_external_url            = "https://sourcegraph.example.com"
executor_sourcegraph_executor_proxy_password = "canary-\"token\"-0123456789"
executor_queue_name                          = "codeintel"
executor_metrics_environment_label           = "prod"
executor_min_replicas                        = 0
executor_max_replicas                        = 30
executor_jobs_per_instance_scaling           = 20
executor_resource_prefix                     = "ours"
executor_ssh_access_cidr_range               = "10.0.0.0/8"
executor_docker_auth_config                  = <<EOT
{"auths": {"r.example.com": {"auth": "Y2FuYXJ5OmF1dGg="}}}
EOT
docker_mirror_static_ip                      = "10.0.1.4"
docker_mirror_disk_iops                      = 4000
permissions_boundary_arn                     = "arn:aws:iam::123456789012:policy/boundary"
private_ca_cert_path                         = "ca.pem"
ami_version                                  = "6.10.0"
