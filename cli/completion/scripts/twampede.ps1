# Completion of twampede for PowerShell 5.1 and later. In this shell alone:
#   twampede completions powershell | Out-String | Invoke-Expression
# for good, put that line into the file that $PROFILE names.
# PowerShell itself takes a, b for two words: write options of an output in quotes, 'table:detail=full,...'.

Register-ArgumentCompleter -Native -CommandName @("twampede", "twampede.exe") -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # The text up to the cursor; blanks at the end of the line are not in the syntax tree.
    $line = $commandAst.Extent.Text
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    if ($length -lt $line.Length) { $line = $line.Substring(0, $length) } else { $line = $line.PadRight($length) }
    # Quotes are taken off, but nothing is expanded.
    $words = @([regex]::Matches($line, '(?:"[^"]*"?|''[^'']*''?|[^\s"''])+') | ForEach-Object { $_.Value -replace '["'']', '' })
    $word = ''
    $count = $words.Count
    if ($line -notmatch '\s$') {
        $count = $count - 1
        $word = $words[$count]
    }
    if ($count -lt 1) { return }
    $before = @($words | Select-Object -First $count | Select-Object -Skip 1)
    $program = $words[0]
    $reply = @(& $program complete "--word=$word" '--' @before 2>$null)
    if ($LASTEXITCODE -ne 0 -or $reply.Count -eq 0) { return }
    # Behind a comma only the last part is replaced.
    $asked = "$wordToComplete".Trim('"', "'")
    $cut = 0
    if ($word.EndsWith($asked)) { $cut = $word.Length - $asked.Length }
    $kind, $prefix = $reply[0] -split "`t", 2
    if ($kind -eq 'words') {
        foreach ($candidate in ($reply | Select-Object -Skip 1)) {
            $value, $summary = $candidate -split "`t", 2
            if (-not $summary) { $summary = $value }
            [System.Management.Automation.CompletionResult]::new($value.Substring($cut), $value, 'ParameterValue', $summary)
        }
    } elseif ($kind -eq 'files' -or $kind -eq 'folders') {
        $rest = $word.Substring($prefix.Length)
        foreach ($found in [System.Management.Automation.CompletionCompleters]::CompleteFilename($rest)) {
            if ($kind -eq 'folders' -and $found.ResultType -ne 'ProviderContainer') { continue }
            $value = $prefix + $found.CompletionText
            [System.Management.Automation.CompletionResult]::new($value.Substring($cut), $found.ListItemText, $found.ResultType, $found.ToolTip)
        }
    }
}
