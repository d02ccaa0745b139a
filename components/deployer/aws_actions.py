"""Actions that pulumi-aws calls, by resource type: create, read, change, refresh and delete.

pulumi-aws wraps Hashicorp's AWS provider; the tables follow what its `resource...Create`, `Read`,
`Update` and `Delete` functions call. What the service checks on the caller's behalf (`PassRole`,
launches by a group) is there too, from the Service Authorization Reference.
"""

from collections.abc import Mapping

_EC2_TAGS = "ec2:CreateTags ec2:DeleteTags"
_ALARM_TAGS = "cloudwatch:ListTagsForResource cloudwatch:TagResource cloudwatch:UntagResource"
_LOG_TAGS = "logs:ListTagsForResource logs:TagResource logs:UntagResource"

_TABLE = {
    "aws:ec2/vpc:Vpc": f"""
        ec2:CreateVpc ec2:DeleteVpc ec2:ModifyVpcAttribute ec2:DescribeVpcs
        ec2:DescribeVpcAttribute ec2:DescribeNetworkAcls ec2:DescribeRouteTables
        ec2:DescribeSecurityGroups {_EC2_TAGS}""",
    "aws:ec2/internetGateway:InternetGateway": f"""
        ec2:CreateInternetGateway ec2:AttachInternetGateway ec2:DetachInternetGateway
        ec2:DeleteInternetGateway ec2:DescribeInternetGateways {_EC2_TAGS}""",
    "aws:ec2/subnet:Subnet": f"""
        ec2:CreateSubnet ec2:ModifySubnetAttribute ec2:DeleteSubnet ec2:DescribeSubnets
        ec2:DescribeNetworkInterfaces {_EC2_TAGS}""",
    "aws:ec2/routeTable:RouteTable": f"""
        ec2:CreateRouteTable ec2:DeleteRouteTable ec2:DisassociateRouteTable
        ec2:DescribeRouteTables {_EC2_TAGS}""",
    "aws:ec2/route:Route": """
        ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute ec2:DescribeRouteTables""",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": """
        ec2:AssociateRouteTable ec2:ReplaceRouteTableAssociation ec2:DisassociateRouteTable
        ec2:DescribeRouteTables""",
    # The provider takes away the egress rule that a new group is born with.
    "aws:ec2/securityGroup:SecurityGroup": f"""
        ec2:CreateSecurityGroup ec2:RevokeSecurityGroupEgress ec2:DeleteSecurityGroup
        ec2:DescribeSecurityGroups ec2:DescribeNetworkInterfaces {_EC2_TAGS}""",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": f"""
        ec2:AuthorizeSecurityGroupEgress ec2:ModifySecurityGroupRules
        ec2:RevokeSecurityGroupEgress ec2:DescribeSecurityGroupRules {_EC2_TAGS}""",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": f"""
        ec2:AuthorizeSecurityGroupIngress ec2:ModifySecurityGroupRules
        ec2:RevokeSecurityGroupIngress ec2:DescribeSecurityGroupRules {_EC2_TAGS}""",
    "aws:ec2/launchTemplate:LaunchTemplate": f"""
        ec2:CreateLaunchTemplate ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate
        ec2:DeleteLaunchTemplate ec2:DescribeLaunchTemplates ec2:DescribeLaunchTemplateVersions
        {_EC2_TAGS}""",
    # The service checks that the caller may start what the template says, as the role that it
    # names, and makes its service-linked role in an account that has none. The subnets, and the
    # image of a pool that names none, are looked up.
    "aws:autoscaling/group:Group": """
        autoscaling:CreateAutoScalingGroup autoscaling:UpdateAutoScalingGroup
        autoscaling:DeleteAutoScalingGroup autoscaling:CreateOrUpdateTags autoscaling:DeleteTags
        autoscaling:SuspendProcesses autoscaling:ResumeProcesses
        autoscaling:EnableMetricsCollection autoscaling:DisableMetricsCollection
        autoscaling:SetInstanceProtection autoscaling:DescribeAutoScalingGroups
        autoscaling:DescribeScalingActivities
        ec2:RunInstances ec2:CreateTags ec2:DescribeImages ec2:DescribeSubnets
        ec2:DescribeLaunchTemplates ec2:DescribeLaunchTemplateVersions
        ec2:DescribeSecurityGroups
        iam:PassRole iam:GetInstanceProfile iam:CreateServiceLinkedRole""",
    "aws:autoscaling/lifecycleHook:LifecycleHook": """
        autoscaling:PutLifecycleHook autoscaling:DeleteLifecycleHook
        autoscaling:DescribeLifecycleHooks autoscaling:DescribeAutoScalingGroups""",
    "aws:autoscaling/policy:Policy": """
        autoscaling:PutScalingPolicy autoscaling:DeletePolicy autoscaling:DescribePolicies""",
    "aws:autoscaling/schedule:Schedule": """
        autoscaling:PutScheduledUpdateGroupAction autoscaling:DeleteScheduledAction
        autoscaling:DescribeScheduledActions""",
    "aws:cloudwatch/metricAlarm:MetricAlarm": f"""
        cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms
        {_ALARM_TAGS}""",
    "aws:cloudwatch/logGroup:LogGroup": f"""
        logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy
        logs:DeleteRetentionPolicy logs:DescribeLogGroups {_LOG_TAGS}""",
    "aws:iam/role:Role": """
        iam:CreateRole iam:UpdateRole iam:UpdateRoleDescription iam:UpdateAssumeRolePolicy
        iam:PutRolePermissionsBoundary iam:DeleteRolePermissionsBoundary iam:DeleteRole
        iam:TagRole iam:UntagRole iam:GetRole iam:ListRolePolicies iam:ListAttachedRolePolicies
        iam:ListInstanceProfilesForRole""",
    "aws:iam/rolePolicy:RolePolicy": """
        iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy""",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": """
        iam:AttachRolePolicy iam:DetachRolePolicy iam:ListAttachedRolePolicies""",
    "aws:iam/instanceProfile:InstanceProfile": """
        iam:CreateInstanceProfile iam:DeleteInstanceProfile iam:GetInstanceProfile
        iam:AddRoleToInstanceProfile iam:RemoveRoleFromInstanceProfile iam:PassRole iam:GetRole
        iam:TagInstanceProfile iam:UntagInstanceProfile""",
    "aws:iam/policy:Policy": """
        iam:CreatePolicy iam:DeletePolicy iam:CreatePolicyVersion iam:DeletePolicyVersion
        iam:GetPolicy iam:GetPolicyVersion iam:ListPolicyVersions iam:TagPolicy iam:UntagPolicy""",
    # `forceDestroy` looks for everything that a user may own before it deletes the user.
    "aws:iam/user:User": """
        iam:CreateUser iam:UpdateUser iam:DeleteUser iam:GetUser iam:TagUser iam:UntagUser
        iam:PutUserPermissionsBoundary iam:DeleteUserPermissionsBoundary
        iam:ListUserPolicies iam:DeleteUserPolicy iam:ListAttachedUserPolicies
        iam:DetachUserPolicy iam:ListGroupsForUser iam:ListAccessKeys iam:DeleteAccessKey
        iam:ListSSHPublicKeys iam:ListVirtualMFADevices iam:ListMFADevices iam:DeleteLoginProfile
        iam:ListSigningCertificates iam:ListServiceSpecificCredentials""",
    "aws:iam/userPolicy:UserPolicy": """
        iam:PutUserPolicy iam:GetUserPolicy iam:DeleteUserPolicy""",
    "aws:iam/accessKey:AccessKey": """
        iam:CreateAccessKey iam:UpdateAccessKey iam:DeleteAccessKey iam:ListAccessKeys""",
    "aws:secretsmanager/secret:Secret": """
        secretsmanager:CreateSecret secretsmanager:UpdateSecret secretsmanager:DeleteSecret
        secretsmanager:DescribeSecret secretsmanager:GetResourcePolicy
        secretsmanager:TagResource secretsmanager:UntagResource""",
    "aws:secretsmanager/secretVersion:SecretVersion": """
        secretsmanager:PutSecretValue secretsmanager:GetSecretValue
        secretsmanager:UpdateSecretVersionStage secretsmanager:ListSecretVersionIds
        secretsmanager:DescribeSecret""",
}

ACTIONS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(text.split()) for kind, text in _TABLE.items()
}
"""Actions by type token."""
