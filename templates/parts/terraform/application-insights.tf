{%- if application_insights == "yes" %}

# Sets up alarms and a dashboard for all resources with the tag of the application.
resource "aws_resourcegroups_group" "application" {
  name = "ApplicationInsights-${var.name}"

  resource_query {
    query = jsonencode({
      ResourceTypeFilters = ["AWS::AllSupported"]
      TagFilters          = [{ Key = "Application", Values = [var.name] }]
    })
  }
}

resource "aws_applicationinsights_application" "monitoring" {
  resource_group_name = aws_resourcegroups_group.application.name
  auto_config_enabled = true
}
{%- endif %}
