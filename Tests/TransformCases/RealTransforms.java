// Runs records through Connect's and Debezium's own transform classes.
//
// Reads a case a line: {"config": {...}, "records": [{"topic", "partition", "offset", "timestamp", "key", "value",
// "headers": [[name, value]]}]}, where keys, values and headers are the texts that Kafka has. Writes a line for each:
// {"refused": "..."} or {"results": [...]}, a result being {"dropped": true}, {"error": "..."} or the record.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

public class RealTransforms {
    static final ObjectMapper JSON = new ObjectMapper();

    @SuppressWarnings("rawtypes")
    record Step(Transformation transform, Predicate predicate, boolean negate) {}

    static JsonConverter converter(boolean schemas, boolean isKey) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", String.valueOf(schemas), "replace.null.with.default", "false"), isKey);
        return converter;
    }

    static Map<String, Object> withPrefix(Map<String, String> config, String prefix) {
        Map<String, Object> options = new HashMap<>();
        config.forEach((name, value) -> {
            if (name.startsWith(prefix)) options.put(name.substring(prefix.length()), value);
        });
        return options;
    }

    @SuppressWarnings("rawtypes")
    static List<Step> chain(Map<String, String> config) throws Exception {
        List<Step> steps = new ArrayList<>();
        for (String name : config.get("transforms").split(",")) {
            Map<String, Object> options = withPrefix(config, "transforms." + name + ".");
            Transformation transform =
                (Transformation) Class.forName((String) options.get("type")).getConstructor().newInstance();
            transform.configure(options);
            Predicate predicate = null;
            if (options.get("predicate") instanceof String label) {
                Map<String, Object> given = withPrefix(config, "predicates." + label + ".");
                predicate = (Predicate) Class.forName((String) given.get("type")).getConstructor().newInstance();
                predicate.configure(given);
            }
            steps.add(new Step(transform, predicate, Boolean.parseBoolean((String) options.getOrDefault("negate", "false"))));
        }
        return steps;
    }

    static SchemaAndValue read(JsonNode text, String topic, boolean isKey) throws Exception {
        if (text == null || text.isNull()) return SchemaAndValue.NULL;
        byte[] bytes = text.asText().getBytes(StandardCharsets.UTF_8);
        JsonNode value = JSON.readTree(bytes);
        boolean isWrapped = value.isObject() && value.size() == 2 && value.has("schema") && value.has("payload");
        return converter(isWrapped, isKey).toConnectData(topic, bytes);
    }

    static String written(String topic, Schema schema, Object value, boolean isKey) {
        if (value == null) return null;
        return new String(converter(true, isKey).fromConnectData(topic, schema, value), StandardCharsets.UTF_8);
    }

    @SuppressWarnings({"rawtypes", "unchecked"})
    static ObjectNode run(List<Step> steps, JsonNode given) {
        ObjectNode result = JSON.createObjectNode();
        try {
            String topic = given.get("topic").asText();
            SchemaAndValue key = read(given.get("key"), topic, true);
            SchemaAndValue value = read(given.get("value"), topic, false);
            ConnectHeaders headers = new ConnectHeaders();
            SimpleHeaderConverter headerConverter = new SimpleHeaderConverter();
            if (given.has("headers")) {
                for (JsonNode header : given.get("headers")) {
                    byte[] bytes = header.get(1).isNull() ? null : header.get(1).asText().getBytes(StandardCharsets.UTF_8);
                    headers.add(header.get(0).asText(), headerConverter.toConnectHeader(topic, header.get(0).asText(), bytes));
                }
            }
            Long timestamp = given.hasNonNull("timestamp") ? given.get("timestamp").asLong() : null;
            int partition = given.path("partition").asInt();
            // The class sets no partition, which a sink's record must have.
            boolean isSource = steps.get(0).transform() instanceof io.debezium.transforms.outbox.EventRouter;
            ConnectRecord record = isSource
                ? new SourceRecord(Map.of(), Map.of(), topic, partition, key.schema(), key.value(), value.schema(), value.value(),
                    timestamp, headers)
                : new SinkRecord(topic, partition, key.schema(), key.value(), value.schema(), value.value(),
                    given.path("offset").asLong(), timestamp, TimestampType.CREATE_TIME, headers);
            for (Step step : steps) {
                if (step.predicate() != null && step.predicate().test(record) == step.negate()) continue;
                record = (ConnectRecord) step.transform().apply(record);
                if (record == null) return result.put("dropped", true);
            }
            result.put("topic", record.topic());
            result.put("key", written(record.topic(), record.keySchema(), record.key(), true));
            result.put("value", written(record.topic(), record.valueSchema(), record.value(), false));
            ArrayNode names = result.putArray("headers");
            for (Object each : record.headers()) {
                Header header = (Header) each;
                ArrayNode pair = names.addArray().add(header.key());
                pair.add(written(record.topic(), header.schema(), header.value(), false));
            }
            return result;
        } catch (Exception | StackOverflowError error) {
            return JSON.createObjectNode().put("error", error.getClass().getSimpleName() + ": " + error.getMessage());
        }
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            JsonNode given = JSON.readTree(line);
            ObjectNode answer = JSON.createObjectNode();
            try {
                Map<String, String> config = new HashMap<>();
                given.get("config").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
                List<Step> steps = chain(config);
                ArrayNode results = JSON.createArrayNode();
                for (JsonNode record : given.get("records")) results.add(run(steps, record));
                answer.set("results", results);
            } catch (Exception error) {
                answer.put("refused", error.getClass().getSimpleName() + ": " + error.getMessage());
            }
            out.println(JSON.writeValueAsString(answer));
        }
    }
}
