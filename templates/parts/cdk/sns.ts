import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
{% include "cdk/core-imports.ts" %}
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { SnsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // Events that failed three times, with their errors.
    const failedEvents = new Queue(this, "FailedEvents", { retentionPeriod: Duration.days(14) });

    const notify = new NativeFunction(this, "NotifyFunction", {
      // An event that fails is tried again, twice at most.
      retryAttempts: 2,
      onFailure: new SqsDestination(failedEvents),
    });

    const alerts = new Topic(this, "Alerts");
    notify.addEventSource(new SnsEventSource(alerts));
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: notify.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: notify.logGroup.logGroupName,
    });
    new CfnOutput(this, "TopicArn", {
      description: "ARN of the topic",
      value: alerts.topicArn,
    });
    new CfnOutput(this, "FailedEventsUrl", {
      description: "URL of the queue of events that failed",
      value: failedEvents.queueUrl,
    });
  }
}
