"""Prices in US dollars without tax, of Mumbai (ap-south-1) unless a comment says otherwise.

List prices as of November 2026. Free allowances that end after a year are left out.
"""

from typing import NamedTuple

GB = 1e9

# aws.amazon.com/lambda/pricing: arm64, first 7.5e9 GB-seconds; requests.
LAMBDA_GB_SECOND = 0.0000133334
LAMBDA_REQUEST = 0.20e-6
# aws.amazon.com/api-gateway/pricing: REST API, first 333 million requests a month.
API_REQUEST = 3.50e-6
# aws.amazon.com/ec2/pricing/on-demand: data out to the internet after the first 100 GB a month.
TRAFFIC_GB, TRAFFIC_FREE_GB = 0.1093, 100.0
# aws.amazon.com/cloudwatch/pricing: logs taken in after 5 GB a month; custom metrics after 10, by
# the hour in which they were sent; metrics of standard alarms after 10.
LOG_GB, LOG_FREE_GB = 0.67, 5.0
METRIC, METRICS_FREE = 0.30, 10.0
ALARM, ALARMS_FREE = 0.10, 10
# aws.amazon.com/secrets-manager/pricing: a secret a month.
SECRET = 0.40
# aws.amazon.com/kms/pricing: a key a month; the alarms' topic has one, which CloudWatch may use.
KEY = 1.00
# aws.amazon.com/s3/pricing: a GB a month, standard (first 50 TB) and Glacier Instant Retrieval, a
# write or list, a read, and a change of class. Deleting is free. What is read from the cold class
# costs 0.03 dollars a GB more, and is left out as the reads of the API are.
S3_GB, S3_COLD_GB = 0.025, 0.005
S3_PUT, S3_GET, S3_TRANSITION = 0.005e-3, 0.0004e-3, 0.02e-3
HOURS_A_MONTH = 730


class Tier(NamedTuple):
    """A cluster of Atlas: name, bytes it stores with its price included, dollars a month."""

    name: str
    stores: float
    a_month: float


# mongodb.com/pricing, AWS, three nodes, default storage, by the hour x 730; regions differ by some
# per cent. The shared ones count bytes before compression; Flex is 30 dollars at most.
SHARED_TIERS = (Tier("M0", 0.512 * GB, 0.0), Tier("Flex", 5 * GB, 30.0))
TIERS = (
    Tier("M10", 10 * GB, 0.08 * HOURS_A_MONTH),
    Tier("M20", 20 * GB, 0.20 * HOURS_A_MONTH),
    Tier("M30", 40 * GB, 0.54 * HOURS_A_MONTH),
    Tier("M40", 80 * GB, 1.04 * HOURS_A_MONTH),
    Tier("M50", 160 * GB, 2.00 * HOURS_A_MONTH),
    Tier("M60", 320 * GB, 3.95 * HOURS_A_MONTH),
    Tier("M80", 750 * GB, 7.30 * HOURS_A_MONTH),
)
