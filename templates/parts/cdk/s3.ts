import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
{% include "cdk/core-imports.ts" %}
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Bucket, EventType } from "aws-cdk-lib/aws-s3";
import { LambdaDestination } from "aws-cdk-lib/aws-s3-notifications";
import { Queue } from "aws-cdk-lib/aws-sqs";
{% include "cdk/last-imports.ts" %}
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // Events that failed three times, with their errors.
    const failedEvents = new Queue(this, "FailedEvents", { retentionPeriod: Duration.days(14) });

    const index = new NativeFunction(this, "IndexFunction", {
      // An event that fails is tried again, twice at most.
      retryAttempts: 2,
      onFailure: new SqsDestination(failedEvents),
    });

    const uploads = new Bucket(this, "Uploads", { removalPolicy: RemovalPolicy.DESTROY });
    uploads.addEventNotification(EventType.OBJECT_CREATED, new LambdaDestination(index));
{% include "cdk/application-insights.ts" %}

    new CfnOutput(this, "FunctionArn", {
      description: "ARN of the function",
      value: index.functionArn,
    });
    new CfnOutput(this, "LogGroup", {
      description: "name of the log group",
      value: index.logGroup.logGroupName,
    });
    new CfnOutput(this, "BucketName", {
      description: "name of the bucket",
      value: uploads.bucketName,
    });
    new CfnOutput(this, "FailedEventsUrl", {
      description: "URL of the queue of events that failed",
      value: failedEvents.queueUrl,
    });
  }
}
