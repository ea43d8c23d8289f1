locals {
  # The function of each route.
  routes = {
    "GET /items"      = module.list_items
    "GET /items/{id}" = module.find_item
    "POST /orders"    = module.place_order
  }
}

# All functions run the same program. Each has its own permissions.
{%- if package_type == "image" %}
module "list_items" {
  source    = "./function"
  name      = "${var.name}-list-items"
  handler   = "items.list"
  image_uri = data.aws_ecr_image.program.image_uri
}

module "find_item" {
  source    = "./function"
  name      = "${var.name}-find-item"
  handler   = "items.find"
  image_uri = data.aws_ecr_image.program.image_uri
}

module "place_order" {
  source    = "./function"
  name      = "${var.name}-place-order"
  handler   = "orders.place"
  image_uri = data.aws_ecr_image.program.image_uri
}
{%- else %}
module "list_items" {
  source  = "./function"
  name    = "${var.name}-list-items"
  handler = "items.list"
}

module "find_item" {
  source  = "./function"
  name    = "${var.name}-find-item"
  handler = "items.find"
}

module "place_order" {
  source  = "./function"
  name    = "${var.name}-place-order"
  handler = "orders.place"
}
{%- endif %}
{% include "terraform/image.tf" %}
{% include "terraform/http-api.tf" %}

resource "aws_apigatewayv2_integration" "functions" {
  for_each = local.routes

  api_id                 = aws_apigatewayv2_api.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "functions" {
  for_each = local.routes

  api_id    = aws_apigatewayv2_api.api.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.functions[each.key].id}"
}

resource "aws_lambda_permission" "api" {
  for_each = local.routes

  function_name = each.value.name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.api.execution_arn}/*/*"
}
{% include "terraform/application-insights.tf" %}
