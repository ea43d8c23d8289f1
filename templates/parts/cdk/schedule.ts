import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
{% include "cdk/core-imports.ts" %}
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Queue } from "aws-cdk-lib/aws-sqs";
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // Events that failed three times, with their errors.
    const failedEvents = new Queue(this, "FailedEvents", { retentionPeriod: Duration.days(14) });

    const report = new NativeFunction(this, "ReportFunction", {
      // An event that fails is tried again, twice at most.
      retryAttempts: 2,
      onFailure: new SqsDestination(failedEvents),
    });

    new Rule(this, "ReportRule", {
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(report)],
    });
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: report.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: report.logGroup.logGroupName,
    });
    new CfnOutput(this, "FailedEventsUrl", {
      description: "URL of the queue of events that failed",
      value: failedEvents.queueUrl,
    });
  }
}
