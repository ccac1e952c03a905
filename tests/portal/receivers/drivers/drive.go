// Runs the Go function on the table. See languages.py.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"table/webhook"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		now, _ := strconv.ParseInt(fields[0], 10, 64)
		body, _ := base64.StdEncoding.DecodeString(fields[2])
		headers := map[string]string{}
		for _, pair := range fields[3:] {
			name, text, _ := strings.Cut(pair, ":")
			value, _ := base64.StdEncoding.DecodeString(text)
			headers[strings.ToLower(name)] = string(value)
		}
		find := func(name string) string { return headers[strings.ToLower(name)] }
		event, err := webhook.Verify(find, body, strings.Split(fields[1], ","), time.Unix(now, 0))
		if err != nil {
			fmt.Println("refused:", err)
			continue
		}
		text, _ := json.Marshal(event)
		fmt.Println(string(text))
	}
}
