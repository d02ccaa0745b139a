"""From Sourcegraph's Terraform modules to a stack file: what each of their variables is here.

`python -m from_terraform aws terraform.tfvars` translates variables; docs/terraform-parity.md lists
them all. Source: terraform-aws-executors and terraform-google-executors, version 6.10.
"""
