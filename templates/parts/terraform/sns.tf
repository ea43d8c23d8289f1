{% assign function = "notify" -%}
module "notify" {
{% include "terraform/function.tf" %}

resource "aws_sns_topic" "alerts" {
  name = "${var.name}-alerts"
}

resource "aws_sns_topic_subscription" "notify" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "lambda"
  endpoint  = module.notify.arn

  depends_on = [aws_lambda_permission.alerts]
}

resource "aws_lambda_permission" "alerts" {
  function_name = module.notify.name
  action        = "lambda:InvokeFunction"
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.alerts.arn
}

{% include "terraform/failed-events.tf" %}
{% include "terraform/application-insights.tf" %}
