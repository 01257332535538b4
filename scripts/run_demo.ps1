<#
.SYNOPSIS
Runs the whole flow of the shop, step by step, and shows the mails: what run_demo.py tells, from PowerShell 5.1 or 7.

.DESCRIPTION
The shop must be open: `docker compose up`, or `python3 scripts/up.py` (then with -Gateway http://127.0.0.1:8080).
Everything goes through the gateway; the mails are read in the inbox, by MailHog's API.

.PARAMETER Gateway
Where the shop is.

.PARAMETER Mail
Where the inbox is.

.PARAMETER AdminEmail
The admin who offers the products.

.PARAMETER AdminPassword
The admin's password; that of a shop in development where none is given.

.PARAMETER OperatorKey
What restocking asks for besides an admin; that of a shop in development where none is given.

.PARAMETER QuickOrders
How many small orders Bram places in a row; 0 leaves him out.

.PARAMETER Patience
How many seconds to wait for what happens by itself.

.PARAMETER Help
Shows this text.

.EXAMPLE
./scripts/run_demo.ps1

.EXAMPLE
./scripts/run_demo.ps1 -Gateway http://127.0.0.1:8080 -Mail http://127.0.0.1:8025
#>
[CmdletBinding()]
param(
    [string]$Gateway = 'http://localhost',
    [string]$Mail = 'http://localhost:8025',
    [string]$AdminEmail = 'admin@example.com',
    [string]$AdminPassword = 'P@ssw0rd!',
    [string]$OperatorKey = 'devkey',
    [int]$QuickOrders = 20,
    [int]$Patience = 20,
    [switch]$Help
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # 5.1 is slowed down by its own progress bars

if ($Help -or $Gateway -eq '--help') {
    Get-Help -Full $PSCommandPath
    exit 0
}
$Gateway = $Gateway.TrimEnd('/')
$Mail = $Mail.TrimEnd('/')

# ---- telling

function Write-Chapter([string]$Title) {
    Write-Host ''
    Write-Host $Title -ForegroundColor White
}

function Write-Aside([string]$Text) {
    Write-Host ('       {0}' -f $Text) -ForegroundColor DarkGray
}

# Tells a step with the time it took, and gives what it gave.
function Step([string]$What, [scriptblock]$Do) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    try {
        $given = & $Do
    }
    catch {
        Write-Host ('  [no] {0}' -f $What) -ForegroundColor Red
        Write-Aside $_.Exception.Message
        if ($null -ne $_.ErrorDetails) {
            Write-Aside $_.ErrorDetails.Message # the problem, as the shop puts it
        }
        Write-Host ''
        Write-Host ('The demo failed at: {0}' -f $What) -ForegroundColor Red
        exit 1
    }
    Write-Host '  [ok]' -ForegroundColor Green -NoNewline
    Write-Host (' {0} {1,6:N0} ms' -f $What.PadRight(62), $watch.Elapsed.TotalMilliseconds)
    return $given
}

# Asks again until the answer is something.
function Wait-Until([string]$What, [scriptblock]$Ask) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $answer = & $Ask
        if ($answer) {
            return $answer
        }
        if ($watch.Elapsed.TotalSeconds -gt $Patience) {
            throw ('After {0} seconds still not: {1}.' -f $Patience, $What)
        }
        Start-Sleep -Milliseconds 100
    }
}

function Assert-That([bool]$Truth, [string]$What) {
    if (-not $Truth) {
        throw ('This is not so: {0}.' -f $What)
    }
}

# ---- asking

function Invoke-Shop([string]$Method, [string]$Path, $Body = $null, [string]$Token = '', [hashtable]$More = @{}) {
    $headers = @{ Accept = 'application/json' }
    foreach ($name in $More.Keys) {
        $headers[$name] = $More[$name]
    }
    if ($Token -ne '') {
        $headers['Authorization'] = 'Bearer ' + $Token
    }
    $request = @{
        Method          = $Method
        Uri             = $Gateway + $Path
        Headers         = $headers
        TimeoutSec      = 30
        UseBasicParsing = $true
    }
    if ($null -ne $Body) {
        $json = ConvertTo-Json -InputObject $Body -Depth 8 -Compress
        $request['Body'] = [System.Text.Encoding]::UTF8.GetBytes($json) # bytes: no charset is added to the type
        $request['ContentType'] = 'application/json'
    }
    return Invoke-RestMethod @request
}

function New-Offer([string]$Title, [int]$PriceCents, [int]$Pieces, [string]$Description = '') {
    $product = Invoke-Shop -Method 'POST' -Path '/catalog/v1/products/' -Token $admin -Body @{
        title       = $Title
        description = $Description
        price_cents = $PriceCents
        currency    = 'EUR'
        sku         = [guid]::NewGuid().ToString('N').Substring(0, 16)
    }
    $lines = @(@{ product_id = $product.id; qty = $Pieces })
    Invoke-Shop -Method 'POST' -Path '/catalog/v1/inventory/restock' -Token $admin -Body @{ items = $lines } `
        -More @{ 'X-Internal-Key' = $OperatorKey } | Out-Null
    return $product
}

function New-Shopper([string]$Name) {
    $tag = [guid]::NewGuid().ToString('N').Substring(0, 8)
    return @{
        email    = ('{0}.{1}@example.com' -f $Name.ToLowerInvariant(), $tag)
        password = 'walnut-' + [guid]::NewGuid().ToString('N')
    }
}

function Get-Token([hashtable]$Credentials) {
    return (Invoke-Shop -Method 'POST' -Path '/auth/login' -Body $Credentials).access_token
}

function Add-Line([string]$Token, $Product, [int]$Quantity) {
    $line = @{ product_id = $Product.id; qty = $Quantity }
    return Invoke-Shop -Method 'POST' -Path '/cart/v1/cart/items' -Token $Token -Body $line
}

function Submit-Checkout([string]$Token) {
    return Invoke-Shop -Method 'POST' -Path '/order/v1/orders/checkout' -Token $Token -Body @{
        address_line1 = '12 Quay Street'
        city          = 'Galway'
        country       = 'IE'
        postcode      = 'H91 XY00'
    }
}

function Submit-Payment([string]$Token, $Order) {
    Invoke-Shop -Method 'POST' -Path '/payment/v1/payments/mock-succeed' -Token $Token -Body @{
        order_id     = $Order.order_id
        amount_cents = $Order.total_cents
        currency     = $Order.currency
    } | Out-Null
}

function Wait-Order([string]$Token, $Order, [string]$Status) {
    Wait-Until ('the order is {0}' -f $Status) {
        (Invoke-Shop -Method 'GET' -Path ('/order/v1/orders/{0}' -f $Order.order_id) -Token $Token).status -eq $Status
    } | Out-Null
}

function Wait-Parcel([string]$Token, $Order, [string]$Status) {
    return Wait-Until ('the parcel is {0}' -f $Status) {
        $parcels = Invoke-Shop -Method 'GET' -Path ('/shipping/v1/shipments?order_id={0}' -f $Order.order_id) -Token $Token
        $parcels | Where-Object { $_.status -eq $Status }
    }
}

# ---- the inbox

function Get-Mails([string]$Address) {
    $query = '/api/v2/search?kind=to&limit=50&query={0}' -f [uri]::EscapeDataString($Address)
    $found = Invoke-RestMethod -Method 'GET' -Uri ($Mail + $query) -TimeoutSec 30 -UseBasicParsing
    return @($found.items | Where-Object { $null -ne $_ })
}

function Get-Subject($Letter) {
    return [string]@($Letter.Content.Headers.Subject)[0]
}

# The end of an order's number is what mails call it by.
function Get-ShortName($Order) {
    $id = [string]$Order.order_id
    return $id.Substring($id.Length - 8).ToUpperInvariant()
}

function Wait-Mail([string]$Address, [string]$Subject) {
    Wait-Until ('a mail says "{0}"' -f $Subject) {
        Get-Mails $Address | Where-Object { (Get-Subject $_) -eq $Subject }
    } | Out-Null
}

function Step-Mail([string]$Address, [string]$Subject) {
    Step ('E-mail: "{0}"' -f $Subject) { Wait-Mail $Address $Subject } | Out-Null
}

# What a mail says to those who read no HTML: its first part, which is quoted-printable.
function Get-Text($Letter) {
    $body = [string]$Letter.MIME.Parts[0].Body
    $body = $body -replace "=\r?\n", ''
    $plain = [regex]::Replace($body, '=([0-9A-F]{2})', {
            param($match)
            [string][char][Convert]::ToInt32($match.Groups[1].Value, 16)
        })
    $bytes = [System.Text.Encoding]::GetEncoding('iso-8859-1').GetBytes($plain)
    $text = [System.Text.Encoding]::UTF8.GetString($bytes)
    return ($text -split "\r?\n-- \r?\n")[0].TrimEnd() # without what stands under each
}

# An amount as the shop writes it, whatever the culture of this machine; all that is sold here costs euros.
function Format-Money([long]$Cents, [string]$Currency) {
    [string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0:F2} {1}', $Cents / 100, $Currency)
}

# ---- the story

Write-Chapter 'Asha buys two lamps'
$admin = Step 'The admin logs in' { Get-Token @{ email = $AdminEmail; password = $AdminPassword } }
$offered = Step 'The admin offers the Walnut desk lamp at 129.99 EUR, 5 in stock' {
    New-Offer -Title 'Walnut desk lamp' -PriceCents 12999 -Pieces 5 -Description 'Warm light from a turned walnut stem.'
}
$asha = New-Shopper 'Asha'
Step ('Asha registers as {0}' -f $asha.email) {
    Invoke-Shop -Method 'POST' -Path '/auth/register' -Body $asha
} | Out-Null
$token = Step 'Asha logs in' { Get-Token $asha }
$lamp = Step 'Asha browses the catalog and finds the lamp' {
    $page = Invoke-Shop -Method 'GET' -Path '/catalog/v1/products/?q=desk%20lamp&limit=100'
    $found = @($page.items | Where-Object { $_.id -eq $offered.id })
    Assert-That ($found.Count -eq 1) 'the lamp is in the catalog'
    $found[0]
}
$cart = Step 'Asha puts two of them in her cart' { Add-Line $token $lamp 2 }
Write-Aside ('2 x 129.99 EUR = {0}' -f (Format-Money $cart.total_cents $cart.currency))
$order = Step 'Asha checks out to 12 Quay Street, Galway' { Submit-Checkout $token }
$short = Get-ShortName $order
Write-Aside ('order {0}, to be paid by {1}' -f $order.order_id, $order.pay_by)
Step 'The lamps are set aside: 3 are still for sale' {
    $stock = Invoke-Shop -Method 'GET' -Path ('/catalog/v1/inventory/{0}' -f $lamp.id) -Token $admin
    Assert-That ($stock.available -eq 3) '3 lamps are still for sale'
} | Out-Null
Step-Mail $asha.email ('Your order {0} is confirmed' -f $short)
Step ('Asha pays {0}' -f (Format-Money $order.total_cents $order.currency)) { Submit-Payment $token $order } | Out-Null
$parcel = Step 'Her order is paid, and her parcel ready to ship' {
    Wait-Order $token $order 'PAID'
    Wait-Parcel $token $order 'READY_TO_SHIP'
}
Step-Mail $asha.email ('We have your payment for order {0}' -f $short)
Step-Mail $asha.email ('Your order {0} is ready to ship' -f $short)
$sent = Step 'The warehouse dispatches her parcel' {
    Invoke-Shop -Method 'POST' -Path ('/shipping/v1/shipments/{0}/dispatch' -f $parcel.id) -Token $admin
}
Write-Aside ('{0}, tracking number {1}' -f $sent.carrier, $sent.tracking_number)
Step-Mail $asha.email ('Your order {0} is on its way' -f $short)
Step 'The parcel is at the door' {
    Invoke-Shop -Method 'POST' -Path ('/shipping/v1/shipments/{0}/deliver' -f $parcel.id) -Token $admin
} | Out-Null
Step-Mail $asha.email ('Your order {0} has arrived' -f $short)

Write-Chapter 'Encore: Asha changes her mind'
$second = Step 'Asha orders one more lamp and pays for it' {
    $lamp = New-Offer -Title 'Walnut desk lamp' -PriceCents 12999 -Pieces 1
    Add-Line $token $lamp 1 | Out-Null
    $placed = Submit-Checkout $token
    Submit-Payment $token $placed
    Wait-Parcel $token $placed 'READY_TO_SHIP' | Out-Null
    @{ order_id = $placed.order_id; lamp = $lamp }
}
$short = Get-ShortName $second
Step 'Asha cancels it, in time' {
    Invoke-Shop -Method 'POST' -Path ('/order/v1/orders/{0}/cancel' -f $second.order_id) -Token $token
} | Out-Null
Step 'She is refunded, the parcel stays, the lamp is for sale again' {
    Wait-Order $token $second 'REFUNDED'
    Wait-Parcel $token $second 'CANCELLED' | Out-Null
    Wait-Until 'the lamp is for sale again' {
        (Invoke-Shop -Method 'GET' -Path ('/catalog/v1/inventory/{0}' -f $second.lamp.id) -Token $admin).available -eq 1
    }
} | Out-Null
Step-Mail $asha.email ('Your order {0} is cancelled' -f $short)
Step-Mail $asha.email ('We have refunded your order {0}' -f $short)

if ($QuickOrders -gt 0) {
    Write-Chapter 'How quick it is'
    $checkouts = New-Object 'System.Collections.Generic.List[double]'
    $mails = New-Object 'System.Collections.Generic.List[double]'
    Step ('Bram buys {0} mugs, one by one' -f $QuickOrders) {
        $mug = New-Offer -Title 'Stoneware mug' -PriceCents 1400 -Pieces $QuickOrders
        $bram = New-Shopper 'Bram'
        Invoke-Shop -Method 'POST' -Path '/auth/register' -Body $bram | Out-Null
        $his = Get-Token $bram
        for ($number = 1; $number -le $QuickOrders; $number++) {
            Add-Line $his $mug 1 | Out-Null
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $placed = Submit-Checkout $his
            $checkouts.Add($watch.Elapsed.TotalMilliseconds)
            Wait-Mail $bram.email ('Your order {0} is confirmed' -f (Get-ShortName $placed)) # or it would be what is timed
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Submit-Payment $his $placed
            Wait-Mail $bram.email ('We have your payment for order {0}' -f (Get-ShortName $placed))
            $mails.Add($watch.Elapsed.TotalMilliseconds)
            Wait-Until 'the cart is empty' {
                @((Invoke-Shop -Method 'GET' -Path '/cart/v1/cart' -Token $his).items).Count -eq 0
            } | Out-Null
        }
    } | Out-Null
    $checkouts.Sort()
    $mails.Sort()
    $middle = [int][math]::Floor($QuickOrders / 2)
    Write-Aside ('half of the checkouts took less than {0:N0} ms' -f $checkouts[$middle])
    Write-Aside ('half of the mails were seen within {0:N0} ms of the payment' -f $mails[$middle])
}

Write-Chapter 'What Asha found in her mailbox'
$letters = @(Get-Mails $asha.email)
[array]::Reverse($letters) # the inbox has the newest first
foreach ($letter in $letters) {
    Write-Host ''
    Write-Host ('  {0}' -f (Get-Subject $letter))
    foreach ($line in (Get-Text $letter) -split "\r?\n") {
        Write-Host ('  | {0}' -f $line) -ForegroundColor DarkGray
    }
}

Write-Chapter 'Everything worked'
exit 0
