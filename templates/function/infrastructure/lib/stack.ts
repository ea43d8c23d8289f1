import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
{% include "cdk/core-imports.ts" %}
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const upperCase = new NativeFunction(this, "UpperCaseFunction");
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: upperCase.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: upperCase.logGroup.logGroupName,
    });
  }
}
