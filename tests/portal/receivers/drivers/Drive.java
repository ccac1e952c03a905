import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Scanner;
import java.util.TreeMap;

/** Runs the Java function on the table. See languages.py. */
public final class Drive {
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
        while (lines.hasNextLine()) {
            String[] fields = lines.nextLine().split("\t", -1);
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String pair : Arrays.copyOfRange(fields, 3, fields.length)) {
                String[] parts = pair.split(":", -1);
                headers.put(parts[0], new String(bytes(parts[1]), StandardCharsets.ISO_8859_1));
            }
            try {
                Instant now = Instant.ofEpochSecond(Long.parseLong(fields[0]));
                out.println(VerifyWebhook.verify(headers::get, bytes(fields[2]), Arrays.asList(fields[1].split(",", -1)), now));
            } catch (VerifyWebhook.WebhookRefused refused) {
                out.println("refused: " + refused.getMessage());
            } catch (RuntimeException failure) {
                out.println("threw: " + failure);
            }
        }
    }

    private static byte[] bytes(String text) {
        return Base64.getDecoder().decode(text);
    }
}
