{% assign function = "report" -%}
module "report" {
{% include "terraform/function.tf" %}

resource "aws_cloudwatch_event_rule" "report" {
  name                = "${var.name}-report"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_target" "report" {
  rule = aws_cloudwatch_event_rule.report.name
  arn  = module.report.arn
}

resource "aws_lambda_permission" "report" {
  function_name = module.report.name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.report.arn
}

{% include "terraform/failed-events.tf" %}
{% include "terraform/application-insights.tf" %}
