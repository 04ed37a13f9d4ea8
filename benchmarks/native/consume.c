/* Reads every record of some topics with librdkafka and drops it: the speed that nothing that reads Kafka can exceed.

   consume BOOTSTRAP COUNT ORDER TOPIC...

   Writes to the file ORDER which partition the records came from, as lines `TOPIC-INDEX PARTITION COUNT`: in this order
   librdkafka hands records to any consumer. Prints one JSON object; time is from the first record to the last. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PARTITIONS 4
#define BATCH 1000

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *what, const char *why) {
    fprintf(stderr, "consume: %s: %s\n", what, why);
    exit(1);
}

int main(int argc, char **argv) {
    if (argc < 5) die("usage", "consume BOOTSTRAP COUNT ORDER TOPIC...");
    long count = atol(argv[2]);
    char **topics = argv + 4;
    int topic_count = argc - 4;
    FILE *order = fopen(argv[3], "w");
    if (!order) die(argv[3], "cannot be written");

    char reason[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const char *settings[][2] = {
        {"bootstrap.servers", argv[1]}, {"group.id", "bench-consume"}, {"enable.auto.commit", "false"},
        {"auto.offset.reset", "error"}, {"check.crcs", "true"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], reason, sizeof reason) != RD_KAFKA_CONF_OK)
            die(settings[i][0], reason);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    if (!consumer) die("consumer", reason);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(topic_count * PARTITIONS);
    for (int i = 0; i < topic_count; i++)
        for (int partition = 0; partition < PARTITIONS; partition++)
            rd_kafka_topic_partition_list_add(list, topics[i], partition)->offset = 0;
    if (rd_kafka_assign(consumer, list)) die("assign", "failed");

    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_message_t *messages[BATCH];
    long seen = 0, bytes = 0, run = 0;
    int topic = -1, partition = -1;
    const rd_kafka_topic_t *last_topic = NULL;
    double begin = 0;
    while (seen < count) {
        /* It waits until it has as many as it is asked for: never for more than there are. */
        size_t wanted = count - seen < BATCH ? (size_t)(count - seen) : BATCH;
        ssize_t got = rd_kafka_consume_batch_queue(queue, 10000, messages, wanted);
        if (got <= 0) die("no record for 10 s", rd_kafka_err2str(rd_kafka_last_error()));
        if (!seen) begin = now();
        for (ssize_t i = 0; i < got; i++) {
            rd_kafka_message_t *message = messages[i];
            if (message->err) die("record", rd_kafka_message_errstr(message));
            if (message->rkt != last_topic || message->partition != partition) {
                if (run) fprintf(order, "%d %d %ld\n", topic, partition, run);
                run = 0;
                last_topic = message->rkt;
                partition = message->partition;
                for (topic = 0; strcmp(topics[topic], rd_kafka_topic_name(message->rkt)); topic++) {}
            }
            run++;
            seen++;
            bytes += message->key_len + message->len;
            rd_kafka_message_destroy(message);
        }
    }
    double end = now();
    fprintf(order, "%d %d %ld\n", topic, partition, run);
    fclose(order);
    printf("{\"begin\": %.6f, \"end\": %.6f, \"records\": %ld, \"bytes\": %ld}\n", begin, end, seen, bytes);
    /* Taking librdkafka apart takes as long as it likes, and nothing is left to lose. */
    fflush(stdout);
    _Exit(0);
}
