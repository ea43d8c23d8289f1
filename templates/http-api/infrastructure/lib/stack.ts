import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
{%- if api == "rest" %}
import { LambdaIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
{%- elsif api == "http" %}
import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
{%- endif %}
{% include "cdk/core-imports.ts" %}
{%- if api == "function-url" %}
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
{%- endif %}
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const hello = new NativeFunction(this, "HelloFunction");
{%- if api == "http" %}

    const api = new HttpApi(this, "Api", { apiName: this.stackName });
    const integration = new HttpLambdaIntegration("Hello", hello);
    for (const path of ["/hello", "/hello/{name}"]) {
      api.addRoutes({ path, methods: [HttpMethod.GET], integration });
    }
{%- elsif api == "rest" %}

    const api = new RestApi(this, "Api", {
      restApiName: this.stackName,
      deployOptions: { stageName: "Prod" },
    });
    const integration = new LambdaIntegration(hello);
    for (const path of ["/hello", "/hello/{name}"]) {
      api.root.resourceForPath(path).addMethod("GET", integration);
    }
{%- else %}

    // Anyone can call the URL. With AWS_IAM, a caller needs permission.
    const url = hello.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
{%- endif %}
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "Url", {
{%- if api == "http" %}
      description: "URL of the API",
      value: `${api.apiEndpoint}/hello`,
{%- elsif api == "rest" %}
      description: "URL of the API",
      value: api.urlForPath("/hello"),
{%- else %}
      description: "URL of the function",
      value: `${url.url}hello`,
{%- endif %}
    });
    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: hello.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: hello.logGroup.logGroupName,
    });
  }
}
