// Runs the C# function on the table. See languages.py.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

public static class Drive
{
    public static void Main()
    {
        var lines = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        for (string line = lines.ReadLine(); line != null; line = lines.ReadLine())
        {
            string[] fields = line.Split('\t');
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (string pair in fields.Skip(3))
            {
                string[] parts = pair.Split(':');
                headers[parts[0]] = Encoding.GetEncoding("iso-8859-1").GetString(Convert.FromBase64String(parts[1]));
            }
            try
            {
                var now = DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[0]));
                Func<string, string> find = name => headers.TryGetValue(name, out string value) ? value : null;
                Console.WriteLine(VerifyWebhook.Verify(find, Convert.FromBase64String(fields[2]), fields[1].Split(','), now));
            }
            catch (WebhookRefused refused)
            {
                Console.WriteLine("refused: " + refused.Message);
            }
            catch (Exception failure)
            {
                Console.WriteLine("threw: " + failure.GetType().Name + " " + failure.Message);
            }
        }
    }
}
