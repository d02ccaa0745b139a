# The GCP modules: NAT, labels, an image by its link, a shared network.
provider "google" {
  project = "acme-executors"
  region  = "us-central1"
}

module "networking" {
  source               = "sourcegraph/executors/google//modules/networking"
  version              = "~> 6.10"
  region               = "us-central1"
  nat                  = true
  nat_min_ports_per_vm = 512
}

module "executors-batches" {
  source                              = "git::https://github.com/sourcegraph/terraform-google-executors.git//modules/executors?ref=v6.10.0"
  zone                                = "us-central1-c"
  network_id                          = module.networking.network_id
  subnet_id                           = module.networking.subnet_id
  machine_image                       = "https://www.googleapis.com/compute/v1/projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0"
  machine_type                        = "n2-standard-16"
  maximum_num_jobs                    = 4
  instance_tag                        = "batches-prod"
  sourcegraph_external_url            = "https://sourcegraph.example.com"
  sourcegraph_executor_proxy_password = "canary-token-0123456789"
  queue_name                          = "batches"
  metrics_environment_label           = "prod"
  assign_public_ip                    = false
  labels                              = { team = "dev-tools" }
}

module "executors-shared" {
  source                              = "sourcegraph/executors/google//modules/executors"
  version                             = "6.10.0"
  zone                                = "us-central1-c"
  network_id                          = "projects/host-project/global/networks/shared"
  subnet_id                           = "projects/host-project/regions/us-central1/subnetworks/executors"
  instance_tag                        = "batches-prod"
  sourcegraph_external_url            = "https://sourcegraph.example.com"
  sourcegraph_executor_proxy_password = "canary-token-0123456789"
  queue_name                          = "codeintel"
  metrics_environment_label           = "prod"
}
