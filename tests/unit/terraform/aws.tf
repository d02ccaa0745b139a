# Two pools of modules/executors, a network and a mirror of the other modules.
locals {
  zone   = "us-west-2a"
  mirror = "10.0.1.4"
}

provider "aws" {
  region = "us-west-2"
}

module "networking" {
  source                   = "sourcegraph/executors/aws//modules/networking"
  version                  = "6.10.0"
  availability_zone        = local.zone
  randomize_resource_names = true
}

module "docker-mirror" {
  source                   = "sourcegraph/executors/aws//modules/docker-mirror"
  version                  = "6.10.0"
  vpc_id                   = module.networking.vpc_id
  subnet_id                = module.networking.subnet_id
  static_ip                = local.mirror
  disk_size                = 200
  instance_tag_prefix      = "prod"
  randomize_resource_names = true
}

module "executors-codeintel" {
  source                              = "sourcegraph/executors/aws//modules/executors"
  version                             = "6.10.0"
  vpc_id                              = module.networking.vpc_id
  subnet_id                           = module.networking.subnet_id
  instance_tag                        = "codeintel-prod"
  sourcegraph_external_url            = "https://sourcegraph.example.com"
  sourcegraph_executor_proxy_password = var.token
  queue_name                          = "codeintel"
  metrics_environment_label           = "prod"
  docker_registry_mirror              = "http://${local.mirror}:5000"
  randomize_resource_names            = true
}

module "executors-batches" {
  source                              = "sourcegraph/executors/aws//modules/executors"
  version                             = "6.10.0"
  vpc_id                              = module.networking.vpc_id
  subnet_id                           = module.networking.subnet_id
  instance_tag                        = "batches-prod"
  sourcegraph_external_url            = "https://sourcegraph.example.com"
  sourcegraph_executor_proxy_password = var.token
  queue_name                          = "batches"
  machine_type                        = "m5.metal"
  max_replicas                        = var.most
  metrics_environment_label           = "prod"
  randomize_resource_names            = true
}

module "unrelated" {
  source = "./bucket"
  name   = "something"
}
