output "url" {
  description = "URL of the application"
  value       = aws_apigatewayv2_api.api.api_endpoint
}

output "function_arn" {
  description = "ARN of the function"
  value       = module.web.arn
}

output "log_group" {
  description = "Name of the log group"
  value       = module.web.log_group
}
{% include "terraform/image-output.tf" %}
