// Package webhook verifies Tableport webhooks with nothing but Go's standard library, 1.18 or newer.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const toleranceS = 300

// A request that gets one of these is not from us, was changed on its way, or is not fresh; answer 400.
var (
	ErrMissingHeader       = errors.New("missing header")
	ErrMalformedTimestamp  = errors.New("malformed timestamp")
	ErrTooOld              = errors.New("too old")
	ErrTooNew              = errors.New("too new")
	ErrNoMatchingSignature = errors.New("no matching signature")
	ErrMalformedBody       = errors.New("malformed body")
	ErrUnusableSecret      = errors.New("unusable secret")
)

var seconds = regexp.MustCompile(`^[0-9]{1,12}$`)

// Verify returns the event of a genuine request. header: request.Header.Get. body: the bytes as they arrived, before any
// JSON is parsed. secrets: the endpoint's; two while you rotate them.
func Verify(header func(string) string, body []byte, secrets []string, now time.Time) (map[string]any, error) {
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		if header(name) == "" {
			return nil, fmt.Errorf("%w %s", ErrMissingHeader, name)
		}
	}
	timestamp := header("webhook-timestamp")
	if !seconds.MatchString(timestamp) {
		return nil, ErrMalformedTimestamp
	}
	signedAt, _ := strconv.ParseInt(timestamp, 10, 64)
	if age := now.Unix() - signedAt; age > toleranceS {
		return nil, ErrTooOld
	} else if age < -toleranceS {
		return nil, ErrTooNew
	}

	matches := false
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) == 0 || !strings.HasPrefix(secret, "whsec_") { // an empty key would let anybody sign
			return nil, ErrUnusableSecret
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(header("webhook-id") + "." + timestamp + "."))
		mac.Write(body)
		expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		// One signature for each secret that is valid at the moment. What is no v1 signature matches none.
		for _, given := range strings.Split(header("webhook-signature"), " ") {
			matches = hmac.Equal(expected, []byte(given)) || matches
		}
	}
	if !matches {
		return nil, ErrNoMatchingSignature
	}
	var event map[string]any
	if err := json.Unmarshal(body, &event); err != nil || event == nil || !utf8.Valid(body) {
		return nil, ErrMalformedBody
	}
	return event, nil
}
