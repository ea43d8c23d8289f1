import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
{% include "cdk/core-imports.ts" %}
import { Stream, StreamMode } from "aws-cdk-lib/aws-kinesis";
import { StartingPosition } from "aws-cdk-lib/aws-lambda";
import { KinesisEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue } from "aws-cdk-lib/aws-sqs";
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // Where to find the records that failed: their shard and sequence numbers.
    const failedRecords = new Queue(this, "FailedRecords", { retentionPeriod: Duration.days(14) });
    const readings = new Stream(this, "Readings", {
      streamMode: StreamMode.ON_DEMAND,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const check = new NativeFunction(this, "CheckFunction");
    check.addEventSource(
      new KinesisEventSource(readings, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        reportBatchItemFailures: true,
        // A record that fails is tried again, three times at most, and those after it wait.
        retryAttempts: 3,
        onFailure: new SqsDlq(failedRecords),
      }),
    );
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: check.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: check.logGroup.logGroupName,
    });
    new CfnOutput(this, "StreamName", {
      description: "name of the stream",
      value: readings.streamName,
    });
    new CfnOutput(this, "FailedRecordsUrl", {
      description: "URL of the queue that names the records that failed",
      value: failedRecords.queueUrl,
    });
  }
}
