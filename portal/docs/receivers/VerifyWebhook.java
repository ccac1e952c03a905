import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies a Tableport webhook with nothing but Java's standard library, 11 or newer. */
public final class VerifyWebhook {
    private static final long TOLERANCE_S = 300;

    /** Not from us, changed on its way, or not fresh. Its message says which; answer 400. */
    public static final class WebhookRefused extends Exception {
        WebhookRefused(String reason) {
            super(reason);
        }
    }

    private VerifyWebhook() {}

    /**
     * Returns the JSON text of a genuine request, for the JSON library you have.
     *
     * @param headers finds a header by its name in any case, such as request::getHeader
     * @param body the bytes as they arrived, before any JSON is parsed
     * @param secrets the endpoint's; two while you rotate them
     */
    public static String verify(UnaryOperator<String> headers, byte[] body, List<String> secrets, Instant now)
            throws WebhookRefused {
        String id = required(headers, "webhook-id");
        String timestamp = required(headers, "webhook-timestamp");
        String signatures = required(headers, "webhook-signature");
        if (!timestamp.matches("[0-9]{1,12}")) throw new WebhookRefused("malformed timestamp");
        long age = now.getEpochSecond() - Long.parseLong(timestamp);
        if (Math.abs(age) > TOLERANCE_S) throw new WebhookRefused(age > 0 ? "too old" : "too new");

        boolean matches = false;
        for (String secret : secrets) {
            byte[] expected = signature(secret, id + "." + timestamp + ".", body).getBytes(StandardCharsets.UTF_8);
            // One signature for each secret that is valid at the moment. What is no v1 signature matches none.
            for (String given : signatures.split(" ")) {
                matches |= MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8));
            }
        }
        if (!matches) throw new WebhookRefused("no matching signature");
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException notText) {
            throw new WebhookRefused("malformed body");
        }
    }

    private static String required(UnaryOperator<String> headers, String name) throws WebhookRefused {
        String value = headers.apply(name);
        if (value == null || value.isEmpty()) throw new WebhookRefused("missing header " + name);
        return value;
    }

    private static String signature(String secret, String prefix, byte[] body) throws WebhookRefused {
        try {
            if (secret == null || !secret.startsWith("whsec_")) throw new IllegalArgumentException();
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring(6)), "HmacSHA256"));
            mac.update(prefix.getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (IllegalArgumentException notBase64OrEmpty) { // an empty key would let anybody sign
            throw new WebhookRefused("unusable secret");
        } catch (GeneralSecurityException impossible) { // every Java has HmacSHA256
            throw new IllegalStateException(impossible);
        }
    }
}
