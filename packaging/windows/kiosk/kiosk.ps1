#Requires -RunAsAdministrator
<#
.SYNOPSIS
Makes this machine a kiosk that runs Oathdesk and nothing else, or takes that back.

.DESCRIPTION
Writes one of the two configurations beside this script where Windows keeps it: the class
MDM_AssignedAccess, which only the account SYSTEM may write. The script therefore runs itself once as
SYSTEM, through a task that it removes again. The machine must be started anew afterwards.

.EXAMPLE
.\kiosk.ps1 -On
.\kiosk.ps1 -On -ShellLauncher
.\kiosk.ps1 -Off
#>
[CmdletBinding(DefaultParameterSetName = 'On')]
param(
    [Parameter(Mandatory, ParameterSetName = 'On')] [switch] $On,
    [Parameter(ParameterSetName = 'On')] [switch] $ShellLauncher,
    [Parameter(Mandatory, ParameterSetName = 'Off')] [switch] $Off
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Set-Kiosk {
    param([string] $AssignedAccess, [string] $Shell)
    $where = @{ Namespace = 'root\cimv2\mdm\dmmap'; ClassName = 'MDM_AssignedAccess' }
    $kiosk = Get-CimInstance @where
    # The class takes its texts with their markup escaped.
    $kiosk.Configuration = [System.Net.WebUtility]::HtmlEncode($AssignedAccess)
    $kiosk.ShellLauncher = [System.Net.WebUtility]::HtmlEncode($Shell)
    Set-CimInstance -CimInstance $kiosk
}

$system = [System.Security.Principal.WindowsIdentity]::GetCurrent().IsSystem
if ($system) {
    if ($Off) {
        Set-Kiosk -AssignedAccess '' -Shell ''
    }
    elseif ($ShellLauncher) {
        Set-Kiosk -AssignedAccess '' -Shell (Get-Content -Raw "$PSScriptRoot\shell-launcher.xml")
    }
    else {
        Set-Kiosk -AssignedAccess (Get-Content -Raw "$PSScriptRoot\assigned-access.xml") -Shell ''
    }
    exit 0
}

if ($ShellLauncher) {
    Enable-WindowsOptionalFeature -Online -FeatureName Client-EmbeddedShellLauncher -NoRestart | Out-Null
}
$words = if ($Off) { '-Off' } elseif ($ShellLauncher) { '-On -ShellLauncher' } else { '-On' }
$action = New-ScheduledTaskAction -Execute 'powershell.exe' `
    -Argument "-NoProfile -ExecutionPolicy Bypass -File `"$PSCommandPath`" $words"
$task = Register-ScheduledTask -TaskName 'Oathdesk kiosk' -Action $action -User 'SYSTEM' -Force
try {
    Start-ScheduledTask -InputObject $task
    do {
        Start-Sleep -Milliseconds 500
        $state = (Get-ScheduledTask -TaskName 'Oathdesk kiosk').State
    } while ($state -eq 'Running')
    $result = (Get-ScheduledTaskInfo -TaskName 'Oathdesk kiosk').LastTaskResult
}
finally {
    Unregister-ScheduledTask -TaskName 'Oathdesk kiosk' -Confirm:$false
}
if ($result -ne 0) {
    throw "Windows did not take the configuration (result $result)."
}
Write-Output 'Done. Start the machine anew.'
