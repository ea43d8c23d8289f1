output "url" {
{%- if api == "http" %}
  description = "URL of the API"
  value       = "${aws_apigatewayv2_api.api.api_endpoint}/hello"
{%- elsif api == "rest" %}
  description = "URL of the API"
  value       = "${aws_api_gateway_stage.prod.invoke_url}/hello"
{%- else %}
  description = "URL of the function"
  value       = "${aws_lambda_function_url.hello.function_url}hello"
{%- endif %}
}

output "function_arn" {
  description = "ARN of the function"
  value       = module.hello.arn
}

output "log_group" {
  description = "Name of the log group"
  value       = module.hello.log_group
}
{% include "terraform/image-output.tf" %}
