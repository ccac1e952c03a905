# Runs the Ruby function on the table; its argument is the folder the function lies in. See languages.py.
require File.join(ARGV[0], "verify_webhook.rb")

$stdin.each_line(chomp: true) do |line|
  now, secrets, body, *pairs = line.split("\t")
  values = pairs.to_h { |pair| pair.split(":", -1) }.to_h { |name, value| [name.downcase, value.unpack1("m0").force_encoding("UTF-8")] }
  begin
    held = secrets.empty? ? [""] : secrets.split(",", -1)
    event = Webhook.verify(values, body.unpack1("m0"), held, now.to_i)
    puts JSON.generate(event)
  rescue Webhook::Refused => refused
    puts "refused: #{refused.message}"
  rescue StandardError => failure
    puts "threw: #{failure.inspect}"
  end
end
