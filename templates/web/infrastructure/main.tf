module "web" {
{% include "terraform/function.tf" %}
{% include "terraform/http-api.tf" %}

resource "aws_apigatewayv2_integration" "web" {
  api_id                 = aws_apigatewayv2_api.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = module.web.invoke_arn
  payload_format_version = "2.0"
}

# All requests go to the router.
resource "aws_apigatewayv2_route" "web" {
  api_id    = aws_apigatewayv2_api.api.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.web.id}"
}

resource "aws_lambda_permission" "api" {
  function_name = module.web.name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.api.execution_arn}/*/*"
}
{% include "terraform/application-insights.tf" %}
