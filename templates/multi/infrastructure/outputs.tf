output "url" {
  description = "URL of the API"
  value       = aws_apigatewayv2_api.api.api_endpoint
}

output "function_arns" {
  description = "ARNs of the functions, by route"
  value       = { for route, function in local.routes : route => function.arn }
}

output "log_groups" {
  description = "Names of the log groups, by route"
  value       = { for route, function in local.routes : route => function.log_group }
}
{% include "terraform/image-output.tf" %}
