{% assign function = "bill" -%}
module "bill" {
{% include "terraform/function.tf" %}

resource "aws_cloudwatch_event_rule" "bill" {
  name = "${var.name}-bill"

  event_pattern = jsonencode({
    source      = ["com.example.shop"]
    detail-type = ["Order placed"]
  })
}

resource "aws_cloudwatch_event_target" "bill" {
  rule = aws_cloudwatch_event_rule.bill.name
  arn  = module.bill.arn
}

resource "aws_lambda_permission" "bill" {
  function_name = module.bill.name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.bill.arn
}

{% include "terraform/failed-events.tf" %}
{% include "terraform/application-insights.tf" %}
