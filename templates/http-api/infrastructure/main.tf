module "hello" {
{% include "terraform/function.tf" %}
{%- if api == "http" %}
{% include "terraform/http-api.tf" %}

resource "aws_apigatewayv2_integration" "hello" {
  api_id                 = aws_apigatewayv2_api.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = module.hello.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "hello" {
  for_each = toset(["GET /hello", "GET /hello/{name}"])

  api_id    = aws_apigatewayv2_api.api.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.hello.id}"
}

resource "aws_lambda_permission" "api" {
  function_name = module.hello.name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.api.execution_arn}/*/*"
}
{%- elsif api == "rest" %}

resource "aws_api_gateway_rest_api" "api" {
  name = var.name

  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = var.name, version = "1.0" }
    paths = {
      for path in ["/hello", "/hello/{name}"] : path => {
        get = {
          x-amazon-apigateway-integration = {
            type       = "aws_proxy"
            httpMethod = "POST"
            uri        = module.hello.invoke_arn
          }
        }
      }
    }
  })
}

resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id

  # A changed API is deployed again.
  triggers = {
    body = sha1(aws_api_gateway_rest_api.api.body)
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "Prod"
}

resource "aws_lambda_permission" "api" {
  function_name = module.hello.name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/*/*"
}
{%- else %}

# Anyone can call the URL. With AWS_IAM, a caller needs permission.
resource "aws_lambda_function_url" "hello" {
  function_name      = module.hello.name
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "url" {
  function_name          = module.hello.name
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
}

# Lambda requires both permissions.
resource "aws_lambda_permission" "invocation" {
  function_name            = module.hello.name
  action                   = "lambda:InvokeFunction"
  principal                = "*"
  invoked_via_function_url = true
}
{%- endif %}
{% include "terraform/application-insights.tf" %}
