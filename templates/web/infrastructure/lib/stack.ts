import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
{% include "cdk/core-imports.ts" %}
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const web = new NativeFunction(this, "WebFunction");

    const api = new HttpApi(this, "Api", {
      apiName: this.stackName,
      // All requests go to the router.
      defaultIntegration: new HttpLambdaIntegration("Web", web),
    });
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "Url", {
      description: "URL of the application",
      value: api.apiEndpoint,
    });
    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: web.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: web.logGroup.logGroupName,
    });
  }
}
