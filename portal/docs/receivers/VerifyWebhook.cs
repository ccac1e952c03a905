// Verify a Tableport webhook with nothing but .NET's standard library, 6 or newer.
#nullable enable
using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

/// <summary>Not from us, changed on its way, or not fresh. Its message says which; answer 400.</summary>
public sealed class WebhookRefused : Exception
{
    public WebhookRefused(string reason) : base(reason) { }
}

public static class VerifyWebhook
{
    private const long ToleranceS = 300;

    /// <summary>Returns the event of a genuine request, or throws WebhookRefused.</summary>
    /// <param name="headers">Finds a header by its name in any case, such as name => Request.Headers[name].</param>
    /// <param name="body">The bytes as they arrived, before any JSON is parsed.</param>
    /// <param name="secrets">The endpoint's; two while you rotate them.</param>
    public static JsonElement Verify(
        Func<string, string?> headers, byte[] body, IEnumerable<string> secrets, DateTimeOffset now)
    {
        string id = Required(headers, "webhook-id"), timestamp = Required(headers, "webhook-timestamp");
        string[] given = Required(headers, "webhook-signature").Split(' ');
        if (!Regex.IsMatch(timestamp, @"\A[0-9]{1,12}\z")) throw new WebhookRefused("malformed timestamp");
        long age = now.ToUnixTimeSeconds() - long.Parse(timestamp);
        if (Math.Abs(age) > ToleranceS) throw new WebhookRefused(age > 0 ? "too old" : "too new");

        byte[] signed = Encoding.UTF8.GetBytes($"{id}.{timestamp}.").Concat(body).ToArray();
        bool matches = false;
        foreach (string secret in secrets)
        {
            using var hmac = new HMACSHA256(KeyOf(secret));
            byte[] expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(hmac.ComputeHash(signed)));
            // One signature for each secret that is valid at the moment. What is no v1 signature matches none.
            foreach (string text in given)
                matches |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(text));
        }
        if (!matches) throw new WebhookRefused("no matching signature");
        try
        {
            string json = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document.RootElement.Clone();
        }
        catch (Exception error) when (error is DecoderFallbackException or JsonException)
        {
            // told below
        }
        throw new WebhookRefused("malformed body");
    }

    private static string Required(Func<string, string?> headers, string name)
    {
        string? value = headers(name);
        return string.IsNullOrEmpty(value) ? throw new WebhookRefused("missing header " + name) : value;
    }

    private static byte[] KeyOf(string secret)
    {
        Match match = Regex.Match(secret ?? "", @"\Awhsec_([A-Za-z0-9+/]+={0,2})\z");
        try
        {
            // An empty key would let anybody sign.
            return match.Success ? Convert.FromBase64String(match.Groups[1].Value) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new WebhookRefused("unusable secret");
        }
    }
}
