module "upper_case" {
{% include "terraform/function.tf" %}
{% include "terraform/application-insights.tf" %}
