import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
{% include "cdk/core-imports.ts" %}
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // All run the same program. Each has its own permissions, and can have its own memory and timeout.
    const listItems = new NativeFunction(this, "ListItemsFunction", { handler: "items.list" });
    const findItem = new NativeFunction(this, "FindItemFunction", { handler: "items.find" });
    const placeOrder = new NativeFunction(this, "PlaceOrderFunction", { handler: "orders.place" });

    const api = new HttpApi(this, "Api", { apiName: this.stackName });
    api.addRoutes({
      path: "/items",
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration("ListItems", listItems),
    });
    api.addRoutes({
      path: "/items/{id}",
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration("FindItem", findItem),
    });
    api.addRoutes({
      path: "/orders",
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration("PlaceOrder", placeOrder),
    });
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "Url", {
      description: "URL of the API",
      value: api.apiEndpoint,
    });
    for (const handler of [listItems, findItem, placeOrder]) {
      new CfnOutput(handler, "Arn", { value: handler.functionArn });
      new CfnOutput(handler, "LogGroup", { value: handler.logGroup.logGroupName });
    }
  }
}
