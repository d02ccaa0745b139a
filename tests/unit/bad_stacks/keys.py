"""Where the good stack has its pools."""

CI, BA = "pools.codeintel", "pools.batches"
CI_AWS, BA_GCP = f"{CI}.aws", f"{BA}.gcp"
NEW_VPC = {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]}
