<?php
// Runs the PHP function on the table; its argument is the folder the function lies in. See languages.py.

require $argv[1] . '/verify_webhook.php';

function told(array $headers, string $body, array $secrets, int $now): string
{
    try {
        return json_encode(Webhook::verify($headers, $body, $secrets, $now));
    } catch (WebhookRefused $refused) {
        return 'refused: ' . $refused->getMessage();
    } catch (Throwable $failure) {
        return 'threw: ' . get_class($failure) . ' ' . $failure->getMessage();
    }
}

while (($line = fgets(STDIN)) !== false) {
    $fields = explode("\t", rtrim($line, "\n"));
    $headers = [];
    foreach (array_slice($fields, 3) as $pair) {
        [$name, $value] = explode(':', $pair);
        $headers[$name] = base64_decode($value);
    }
    $rest = [base64_decode($fields[2]), explode(',', $fields[1]), (int) $fields[0]];
    $answer = told($headers, ...$rest);
    $again = told(array_map(fn (string $value): array => [$value], $headers), ...$rest);
    echo $answer === $again ? $answer : "threw: $again with lists", "\n";
}
