{%- if application_insights == "yes" %}
import { CfnApplication } from "aws-cdk-lib/aws-applicationinsights";
{%- endif %}
