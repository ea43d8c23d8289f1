{%- if application_insights == "yes" %}
import { CfnGroup } from "aws-cdk-lib/aws-resourcegroups";
{%- endif %}
import type { Construct } from "constructs";
import { NativeFunction } from "./function";

