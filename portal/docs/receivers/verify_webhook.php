<?php
// Verify a Tableport webhook with nothing but PHP itself, 8.0 or newer.

declare(strict_types=1);

/** Not from us, changed on its way, or not fresh. Its message says which; answer 400. */
final class WebhookRefused extends RuntimeException
{
}

final class Webhook
{
    private const TOLERANCE_S = 300;

    /**
     * Returns the event of a genuine request, or throws WebhookRefused.
     * $headers: name => value, or name => list of values. $body: the bytes as they arrived, before any JSON is parsed.
     * $secrets: the endpoint's; two while you rotate them.
     */
    public static function verify(array $headers, string $body, array $secrets, ?int $now = null): array
    {
        $values = array_change_key_case($headers);
        [$id, $timestamp, $signatures] = array_map(function (string $name) use ($values): string {
            $value = $values[$name] ?? '';
            $value = is_array($value) ? reset($value) : $value;
            return is_string($value) && $value !== '' ? $value : throw new WebhookRefused("missing header $name");
        }, ['webhook-id', 'webhook-timestamp', 'webhook-signature']);
        if (!preg_match('/\A[0-9]{1,12}\z/', $timestamp)) {
            throw new WebhookRefused('malformed timestamp');
        }
        $age = ($now ?? time()) - (int) $timestamp;
        if (abs($age) > self::TOLERANCE_S) {
            throw new WebhookRefused($age > 0 ? 'too old' : 'too new');
        }

        $matches = false;
        foreach ($secrets as $secret) {
            $digest = hash_hmac('sha256', "$id.$timestamp.$body", self::key($secret), true);
            // One signature for each secret that is valid at the moment. What is no v1 signature matches none.
            foreach (explode(' ', $signatures) as $given) {
                $matches = hash_equals('v1,' . base64_encode($digest), $given) || $matches;
            }
        }
        if (!$matches) {
            throw new WebhookRefused('no matching signature');
        }
        $event = json_decode($body, true);
        return is_array($event) ? $event : throw new WebhookRefused('malformed body');
    }

    private static function key(mixed $secret): string
    {
        $parts = is_string($secret) && preg_match('/\Awhsec_([A-Za-z0-9+\/]+={0,2})\z/', $secret, $found) ? $found : ['', ''];
        // An empty key would let anybody sign.
        return base64_decode($parts[1], true) ?: throw new WebhookRefused('unusable secret');
    }
}
