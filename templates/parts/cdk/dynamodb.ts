import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
{% include "cdk/core-imports.ts" %}
import { AttributeType, StreamViewType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue } from "aws-cdk-lib/aws-sqs";
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // Where to find the records that failed: their shard and sequence numbers.
    const failedRecords = new Queue(this, "FailedRecords", { retentionPeriod: Duration.days(14) });
    const stock = new TableV2(this, "Stock", {
      partitionKey: { name: "id", type: AttributeType.STRING },
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const watch = new NativeFunction(this, "WatchFunction");
    watch.addEventSource(
      new DynamoEventSource(stock, {
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
      value: watch.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: watch.logGroup.logGroupName,
    });
    new CfnOutput(this, "TableName", {
      description: "name of the table",
      value: stock.tableName,
    });
    new CfnOutput(this, "FailedRecordsUrl", {
      description: "URL of the queue that names the records that failed",
      value: failedRecords.queueUrl,
    });
  }
}
