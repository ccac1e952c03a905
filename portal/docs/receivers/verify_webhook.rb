# Verify a Tableport webhook with nothing but Ruby's standard library, 3.0 or newer.
require "json"
require "openssl"

module Webhook
  # Not from us, changed on its way, or not fresh. Its message says which; answer 400.
  class Refused < StandardError; end

  TOLERANCE_S = 300

  # Returns the event of a genuine request, or raises Webhook::Refused.
  # headers: whatever answers headers["webhook-id"]. body: the bytes as they arrived, before any JSON is parsed.
  # secrets: the endpoint's; two while you rotate them. now: seconds since 1970.
  def self.verify(headers, body, secrets, now = Time.now.to_f)
    id, timestamp, signatures = %w[webhook-id webhook-timestamp webhook-signature].map do |name|
      value = headers[name].to_s.b
      raise Refused, "missing header #{name}" if value.empty?
      value
    end
    raise Refused, "malformed timestamp" unless timestamp.match?(/\A[0-9]{1,12}\z/)
    age = now - timestamp.to_i
    raise Refused, (age > 0 ? "too old" : "too new") if age.abs > TOLERANCE_S

    expected = secrets.map do |secret|
      digest = OpenSSL::HMAC.digest("SHA256", key(secret), "#{id}.#{timestamp}.".b + body.b)
      "v1," + [digest].pack("m0")
    end
    # One signature for each secret that is valid at the moment. What is no v1 signature matches none.
    given = signatures.split(" ")
    matches = expected.any? { |one| given.any? { |other| OpenSSL.secure_compare(one, other) } }
    raise Refused, "no matching signature" unless matches
    event = parsed(body)
    raise Refused, "malformed body" unless event.is_a?(Hash)
    event
  end

  def self.key(secret)
    bytes = secret.to_s.delete_prefix("whsec_").unpack1("m0")
    # An empty key would let anybody sign.
    raise Refused, "unusable secret" unless secret.to_s.start_with?("whsec_") && !bytes.empty?
    bytes
  rescue ArgumentError
    raise Refused, "unusable secret"
  end
  private_class_method :key

  def self.parsed(body)
    text = body.dup.force_encoding(Encoding::UTF_8)
    JSON.parse(text) if text.valid_encoding?
  rescue JSON::ParserError
    nil
  end
  private_class_method :parsed
end
