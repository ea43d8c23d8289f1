{%- if application_insights == "yes" %}

    // Sets up alarms and a dashboard for the stack.
    const group = new CfnGroup(this, "ApplicationResourceGroup", {
      name: `ApplicationInsights-${this.stackName}`,
      resourceQuery: { type: "CLOUDFORMATION_STACK_1_0" },
    });
    new CfnApplication(this, "ApplicationInsightsMonitoring", {
      resourceGroupName: group.ref,
      autoConfigurationEnabled: true,
    });
{%- endif %}
