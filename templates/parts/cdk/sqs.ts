import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
{% include "cdk/core-imports.ts" %}
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue } from "aws-cdk-lib/aws-sqs";
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // Messages that failed three times.
    const deadLetterQueue = new Queue(this, "DeadLetterQueue", { retentionPeriod: Duration.days(14) });
    const orderQueue = new Queue(this, "OrderQueue", {
      // Six times the function's timeout, so that Lambda can try again if it has too many invocations.
      visibilityTimeout: Duration.seconds({{ timeout | times: 6 }}),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 3 },
    });

    const ship = new NativeFunction(this, "ShipFunction");
    ship.addEventSource(new SqsEventSource(orderQueue, { reportBatchItemFailures: true }));
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: ship.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: ship.logGroup.logGroupName,
    });
    new CfnOutput(this, "QueueUrl", {
      description: "URL of the queue",
      value: orderQueue.queueUrl,
    });
    new CfnOutput(this, "DeadLetterQueueUrl", {
      description: "URL of the queue of messages that failed",
      value: deadLetterQueue.queueUrl,
    });
  }
}
