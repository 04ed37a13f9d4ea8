/* Writes rows that lie in memory by prepared array upserts, as fast as PostgreSQL takes them: no sink can be faster with
   such statements.

   ceiling CONNINFO PLAN ROWS ORDER BATCH CONNECTIONS

   PLAN: a line `TABLES COLUMNS`; a line `ELEMENT-OID ARRAY-OID` for each column, the key first; for each table a line
   with its upsert and one with its delete. ROWS is a file of COPY's binary format with the fields number, kind (u, d, or t
   for a tombstone), table, partition, and the columns. ORDER is what `consume` wrote: rows are taken in that order.

   As the sink does, each batch is folded by key and is one transaction. Reading the files is not measured; folding and
   writing the parameters is. With several connections each one has some of the partitions. */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PARTITIONS 4
#define MAX_COLUMNS 64
#define MAX_TABLES 64
/* What stands in front of the columns: a field count and four fields. */
#define FIELDS_BEFORE 4

typedef struct {
    const char *fields;
    char kind;
    uint8_t table;
} Row;

typedef struct {
    Row *rows;
    size_t count, capacity, next;
} List;

typedef struct {
    char *bytes;
    size_t length, capacity;
} Buffer;

static int table_count, column_count, batch_size, connection_count;
static Oid element_oids[MAX_COLUMNS], array_oids[MAX_COLUMNS];
static char *upserts[MAX_TABLES], *deletes[MAX_TABLES];
static const char *conninfo;
/* By connection: rows in the order in which they are written. */
static List plans[PARTITIONS];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *what, const char *why) {
    fprintf(stderr, "ceiling: %s: %s\n", what, why);
    exit(1);
}

static void *need(void *memory) {
    if (!memory) die("memory", "there is none");
    return memory;
}

static uint32_t number32(const char *bytes) {
    uint32_t value;
    memcpy(&value, bytes, 4);
    return ntohl(value);
}

/* The place after a field: its length, or -1 for NULL, and its bytes. */
static const char *after(const char *field) {
    int32_t length = (int32_t)number32(field);
    return field + 4 + (length > 0 ? length : 0);
}

static void append_row(List *list, Row row) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 1024;
        list->rows = need(realloc(list->rows, list->capacity * sizeof(Row)));
    }
    list->rows[list->count++] = row;
}

static void append(Buffer *buffer, const void *bytes, size_t length) {
    if (buffer->length + length > buffer->capacity) {
        buffer->capacity = (buffer->length + length) * 2;
        buffer->bytes = need(realloc(buffer->bytes, buffer->capacity));
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

static void append32(Buffer *buffer, uint32_t value) {
    value = htonl(value);
    append(buffer, &value, 4);
}

static char *line(FILE *file) {
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length = getline(&text, &capacity, file);
    if (length <= 0) die("plan", "too few lines");
    if (text[length - 1] == '\n') text[length - 1] = 0;
    return text;
}

static void read_plan(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file || sscanf(line(file), "%d %d", &table_count, &column_count) != 2) die(path, "no plan");
    if (table_count > MAX_TABLES || column_count > MAX_COLUMNS) die(path, "too many tables or columns");
    for (int i = 0; i < column_count; i++)
        if (sscanf(line(file), "%u %u", &element_oids[i], &array_oids[i]) != 2) die(path, "no oids");
    for (int i = 0; i < table_count; i++) {
        upserts[i] = line(file);
        deletes[i] = line(file);
    }
    fclose(file);
}

static void read_rows(const char *rows_path, const char *order_path) {
    FILE *file = fopen(rows_path, "rb");
    if (!file) die(rows_path, "cannot be read");
    fseek(file, 0, SEEK_END);
    size_t size = ftell(file);
    rewind(file);
    char *bytes = need(malloc(size));
    if (fread(bytes, 1, size, file) != size) die(rows_path, "cannot be read");
    fclose(file);
    List *lists = need(calloc(table_count * PARTITIONS, sizeof(List)));
    /* Signature, flags and the length of the header's extension are 19 bytes. */
    for (const char *next = bytes + 19; ; ) {
        int16_t fields;
        memcpy(&fields, next, 2);
        fields = (int16_t)ntohs((uint16_t)fields);
        if (fields < 0) break;
        const char *kind = after(next + 2), *table = after(kind), *partition = after(table);
        const char *first = after(partition);
        Row row = {first, kind[4], (uint8_t)number32(table + 4)};
        append_row(&lists[row.table * PARTITIONS + number32(partition + 4)], row);
        next = first;
        for (int i = FIELDS_BEFORE; i < fields; i++) next = after(next);
    }
    FILE *order = fopen(order_path, "r");
    if (!order) die(order_path, "cannot be read");
    int table, partition;
    long count;
    while (fscanf(order, "%d %d %ld", &table, &partition, &count) == 3) {
        List *list = &lists[table * PARTITIONS + partition];
        if (list->next + count > list->count) die(order_path, "does not fit the rows");
        while (count--) append_row(&plans[partition % connection_count], list->rows[list->next++]);
    }
    fclose(order);
}

/* The last row of each key and table in a batch, found by an open hash table that is made anew for each batch. */
typedef struct {
    uint32_t *places;
    size_t mask;
} Index;

static int equal_keys(const Row *a, const Row *b) {
    uint32_t length = number32(a->fields);
    return a->table == b->table && !memcmp(a->fields, b->fields, 4)
        && !memcmp(a->fields + 4, b->fields + 4, length);
}

static uint64_t hash(const Row *row) {
    uint64_t value = 1469598103934665603u + row->table;
    uint32_t length = number32(row->fields);
    for (uint32_t i = 0; i < length; i++) value = (value ^ (uint8_t)row->fields[4 + i]) * 1099511628211u;
    return value ^ value >> 29;
}

static size_t fold(Index *index, Row *folded, const Row *rows, size_t count) {
    memset(index->places, 0xff, (index->mask + 1) * sizeof *index->places);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == 't') continue;
        size_t place = hash(&rows[i]) & index->mask;
        while (index->places[place] != UINT32_MAX && !equal_keys(&folded[index->places[place]], &rows[i]))
            place = (place + 1) & index->mask;
        if (index->places[place] == UINT32_MAX) index->places[place] = (uint32_t)kept++;
        folded[index->places[place]] = rows[i];
    }
    return kept;
}

static int send_rows(PGconn *connection, Buffer *buffers, const Row *rows, size_t count, int table, char kind) {
    uint32_t chosen = 0;
    for (size_t i = 0; i < count; i++) chosen += rows[i].table == table && rows[i].kind == kind;
    if (!chosen) return 0;
    int columns = kind == 'd' ? 1 : column_count;
    for (int i = 0; i < columns; i++) {
        buffers[i].length = 0;
        append32(&buffers[i], 1);
        append32(&buffers[i], 1);
        append32(&buffers[i], element_oids[i]);
        append32(&buffers[i], chosen);
        append32(&buffers[i], 1);
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].table != table || rows[i].kind != kind) continue;
        const char *field = rows[i].fields;
        for (int column = 0; column < columns; column++) {
            const char *next = after(field);
            append(&buffers[column], field, next - field);
            field = next;
        }
    }
    const char *values[MAX_COLUMNS];
    int lengths[MAX_COLUMNS], formats[MAX_COLUMNS];
    for (int i = 0; i < columns; i++) {
        values[i] = buffers[i].bytes;
        lengths[i] = (int)buffers[i].length;
        formats[i] = 1;
    }
    char name[16];
    snprintf(name, sizeof name, "%c%d", kind, table);
    if (!PQsendQueryPrepared(connection, name, columns, values, lengths, formats, 1))
        die("send", PQerrorMessage(connection));
    return 1;
}

/* Reads answers up to the end of the pipeline. */
static void finish(PGconn *connection) {
    for (;;) {
        PGresult *result = PQgetResult(connection);
        if (!result) {
            if (PQstatus(connection) != CONNECTION_OK) die("connection", PQerrorMessage(connection));
            continue;
        }
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR) die("server", PQresultErrorMessage(result));
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) return;
    }
}

static PGconn *connect_prepared(void) {
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) die("connect", PQerrorMessage(connection));
    for (int table = 0; table < table_count; table++) {
        for (int i = 0; i < 2; i++) {
            char name[16];
            snprintf(name, sizeof name, "%c%d", "ud"[i], table);
            PGresult *result =
                PQprepare(connection, name, i ? deletes[table] : upserts[table], i ? 1 : column_count, array_oids);
            if (PQresultStatus(result) != PGRES_COMMAND_OK) die(name, PQresultErrorMessage(result));
            PQclear(result);
        }
    }
    if (!PQenterPipelineMode(connection)) die("pipeline", PQerrorMessage(connection));
    return connection;
}

static pthread_barrier_t barrier;

static void *write_plan(void *argument) {
    List *plan = argument;
    PGconn *connection = connect_prepared();
    Buffer buffers[MAX_COLUMNS] = {0};
    Row *folded = need(malloc(batch_size * sizeof(Row)));
    size_t capacity = 1;
    while (capacity < (size_t)batch_size * 2) capacity *= 2;
    Index index = {need(malloc(capacity * sizeof *index.places)), capacity - 1};
    pthread_barrier_wait(&barrier);
    for (size_t start = 0; start < plan->count; start += batch_size) {
        size_t count = plan->count - start < (size_t)batch_size ? plan->count - start : (size_t)batch_size;
        size_t kept = fold(&index, folded, plan->rows + start, count);
        /* The statements of a pipeline are one transaction. */
        for (int table = 0; table < table_count; table++) {
            send_rows(connection, buffers, folded, kept, table, 'u');
            send_rows(connection, buffers, folded, kept, table, 'd');
        }
        if (!PQpipelineSync(connection)) die("sync", PQerrorMessage(connection));
        finish(connection);
    }
    PQfinish(connection);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage", "ceiling CONNINFO PLAN ROWS ORDER BATCH CONNECTIONS");
    conninfo = argv[1];
    batch_size = atoi(argv[5]);
    connection_count = atoi(argv[6]);
    if (batch_size < 1 || connection_count < 1 || connection_count > PARTITIONS)
        die("usage", "a batch has rows, and there are 1 to 4 connections");
    read_plan(argv[2]);
    read_rows(argv[3], argv[4]);
    pthread_barrier_init(&barrier, NULL, connection_count + 1);
    pthread_t threads[PARTITIONS];
    for (int i = 0; i < connection_count; i++) pthread_create(&threads[i], NULL, write_plan, &plans[i]);
    pthread_barrier_wait(&barrier);
    double begin = now();
    for (int i = 0; i < connection_count; i++) pthread_join(threads[i], NULL);
    printf("{\"begin\": %.6f, \"end\": %.6f}\n", begin, now());
    return 0;
}
